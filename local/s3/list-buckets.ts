import { authorize } from '../iam/authorize.ts';
import type { RestResponse } from '../service.ts';
import { xml } from './bucket-operation.ts';
import { bucketArn } from './buckets.ts';
import type { ObjectStore } from './objects.ts';
import { type S3Request, takeOnly } from './request.ts';
import { invalidArgument } from './s3-error.ts';
import type { XmlElement } from './xml.ts';

/** ListBuckets, by name. */
export async function listBuckets({ ctx, buckets }: ObjectStore, request: S3Request): Promise<RestResponse> {
  const { call, rest } = request;
  takeOnly('ListBuckets', request, ['prefix', 'max-buckets', 'bucket-region', 'continuation-token'], []);
  authorize({ call, action: 's3:ListAllMyBuckets', resourceArn: '*' });
  const prefix = rest.query.get('prefix') ?? '';
  const region = rest.query.get('bucket-region') ?? ctx.region;
  const most = readMost(rest.query.get('max-buckets'));
  const token = rest.query.get('continuation-token');
  const after = token === null ? '' : Buffer.from(token, 'base64').toString();
  const wanted = buckets.list().filter(({ name }) => name.startsWith(prefix) && name > after);
  const listed = region === ctx.region ? wanted.slice(0, most) : [];
  const last = listed.length < wanted.length ? listed.at(-1) : undefined;
  return xml('ListAllMyBucketsResult', [
    ['Owner', [['ID', ctx.accountId]]],
    [
      'Buckets',
      listed.map(
        ({ name, createdAtMs }): XmlElement => [
          'Bucket',
          [
            ['Name', name],
            ['CreationDate', new Date(createdAtMs).toISOString()],
            ['BucketRegion', ctx.region],
            ['BucketArn', bucketArn(name)],
          ],
        ],
      ),
    ],
    ['ContinuationToken', last && Buffer.from(last.name).toString('base64')],
    ['Prefix', rest.query.has('prefix') ? prefix : undefined],
  ]);
}

const MOST_BUCKETS = 10_000;

function readMost(text: string | null): number {
  if (text === null) return MOST_BUCKETS;
  const most = Number(text);
  if (/^\d{1,5}$/.test(text) && most >= 1 && most <= MOST_BUCKETS) return most;
  throw invalidArgument('Argument max-buckets must be an integer between 1 and 10000.', 'max-buckets', text);
}
