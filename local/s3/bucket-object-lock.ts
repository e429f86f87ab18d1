import { AwsError } from '../aws-error.ts';
import { type BucketOperation, document, xml } from './bucket-operation.ts';
import { type LockConfiguration, readDefaultRetention } from './retention.ts';
import { childrenOf, malformedXml, textOf, type XmlElement, type XmlNode } from './xml.ts';

export const GET_OBJECT_LOCK: BucketOperation = {
  name: 'GetObjectLockConfiguration',
  action: 'GetBucketObjectLockConfiguration',
  async run(_store, { bucket }) {
    const { objectLock } = bucket.settings;
    if (!objectLock) {
      throw new AwsError(
        'ObjectLockConfigurationNotFoundError',
        'Object Lock configuration does not exist for this bucket',
        404,
        { BucketName: bucket.name },
      );
    }
    return xml('ObjectLockConfiguration', [
      ['ObjectLockEnabled', 'Enabled'],
      ['Rule', ruleOf(objectLock)],
    ]);
  },
};

function ruleOf({ defaultRetention }: LockConfiguration): readonly XmlElement[] | undefined {
  if (!defaultRetention) return undefined;
  const { mode, days, years } = defaultRetention;
  return [
    [
      'DefaultRetention',
      [
        ['Mode', mode],
        ['Days', days],
        ['Years', years],
      ],
    ],
  ];
}

/** Also turns Object Lock on in a bucket that keeps versions. A document without a rule takes the default retention away. */
export const PUT_OBJECT_LOCK: BucketOperation = {
  name: 'PutObjectLockConfiguration',
  action: 'PutBucketObjectLockConfiguration',
  async run({ ctx, buckets }, { bucket: { name }, rest }) {
    const objectLock = readConfiguration(await document(rest, 'ObjectLockConfiguration'));
    ctx.store.transaction(() => {
      const bucket = buckets.get(name);
      if (bucket.versioning !== 'Enabled') {
        throw new AwsError(
          'InvalidBucketState',
          "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration",
          409,
        );
      }
      buckets.change(bucket, { objectLock });
    });
    return { statusCode: 200 };
  },
};

function readConfiguration(root: XmlNode): LockConfiguration {
  if (textOf(root, 'ObjectLockEnabled') !== 'Enabled') throw malformedXml();
  const [rule] = childrenOf(root, 'Rule');
  if (rule === undefined) return {};
  const [retention] = childrenOf(rule, 'DefaultRetention');
  if (retention === undefined) throw malformedXml();
  const [Mode, Days, Years] = ['Mode', 'Days', 'Years'].map((name) => textOf(retention, name));
  return { defaultRetention: readDefaultRetention({ Mode, Days, Years }, malformedXml) };
}
