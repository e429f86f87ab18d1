import { beforeAll, describe, expect, it } from 'vitest';
import { accounts, ofType, type PackagedTemplate, packagedTemplates, type Stage, stages } from './packaged.ts';

let templates: Readonly<Record<Stage, PackagedTemplate>>;
beforeAll(async () => {
  templates = await packagedTemplates();
});

const KEY = '<EncryptionKey.Arn>';

describe.each(stages)('in %s', (stage) => {
  it.each(['DataBucket', 'ArtifactsBucket'])(
    "%s is versioned, private, the owner's, and encrypted with the environment's key",
    (id) => {
      const bucket = templates[stage].resources[id];
      expect(bucket?.Properties).toMatchObject({
        VersioningConfiguration: { Status: 'Enabled' },
        NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KEY } },
          ],
        },
      });
      const rules = bucket?.Properties.LifecycleConfiguration.Rules as Record<string, unknown>[];
      expect(rules.some((rule) => rule.NoncurrentVersionExpiration && rule.Status === 'Enabled')).toBe(true);
      expect(rules.some((rule) => rule.AbortIncompleteMultipartUpload && rule.Status === 'Enabled')).toBe(true);
    },
  );

  it('no bucket can be public, the packager’s own included, and each takes TLS only', () => {
    const template = templates[stage];
    const buckets = ofType(template, 'AWS::S3::Bucket');
    expect(buckets.map(([id]) => id).sort()).toEqual(['ArtifactsBucket', 'DataBucket', 'ServerlessDeploymentBucket']);
    for (const [id, { Properties }] of buckets) {
      expect(Properties.PublicAccessBlockConfiguration, id).toEqual({
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      });
      expect(Properties.BucketEncryption, id).toBeDefined();
      const policy = ofType(template, 'AWS::S3::BucketPolicy').find(([, each]) => each.Properties.Bucket === `<${id}>`);
      const denials = policy?.[1].Properties.PolicyDocument.Statement.filter(
        ({ Effect }: { Effect: string }) => Effect === 'Deny',
      );
      const tlsOnly = denials.find(
        (each: { Condition?: { Bool?: Record<string, unknown> } }) =>
          String(each.Condition?.Bool?.['aws:SecureTransport']) === 'false',
      );
      expect(tlsOnly, id).toMatchObject({
        Principal: '*',
        Action: 's3:*',
        Resource: expect.arrayContaining([expect.anything()]),
      });
    }
  });

  it('the registry streams, can be recovered to a point in time, and is encrypted with the environment’s key', () => {
    expect(templates[stage].resources.RegistryTable?.Properties).toMatchObject({
      TableName: `sluice-${stage}-registry`,
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      TimeToLiveSpecification: { AttributeName: 'expiresAtEpochSeconds', Enabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: KEY },
      DeletionProtectionEnabled: true,
    });
  });

  it('the dead letters are encrypted with the environment’s key and kept as long as a queue keeps anything', () => {
    expect(templates[stage].resources.DeadLetterQueue?.Properties).toMatchObject({
      KmsMasterKeyId: KEY,
      MessageRetentionPeriod: 14 * 24 * 60 * 60,
    });
  });

  it('what cannot be made again outlives the stack', () => {
    const lasting = ['AWS::S3::Bucket', 'AWS::DynamoDB::Table', 'AWS::KMS::Key'].flatMap((type) =>
      ofType(templates[stage], type),
    );
    for (const [id, resource] of lasting.filter(([id]) => id !== 'ServerlessDeploymentBucket')) {
      expect([resource.DeletionPolicy, resource.UpdateReplacePolicy], id).toEqual(['Retain', 'Retain']);
    }
  });

  it('the keys are the environment’s own: one that rotates and encrypts, one that signs', () => {
    const { EncryptionKey, SigningKey } = templates[stage].resources;
    expect(EncryptionKey?.Properties).toMatchObject({ EnableKeyRotation: true });
    expect(SigningKey?.Properties).toMatchObject({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' });
    expect(ofType(templates[stage], 'AWS::KMS::Alias').map(([, { Properties }]) => Properties)).toEqual([
      { AliasName: `alias/sluice-${stage}-encryption`, TargetKeyId: '<EncryptionKey>' },
      { AliasName: `alias/sluice-${stage}-signing`, TargetKeyId: '<SigningKey>' },
    ]);
  });

  it('every log group forgets, and every function and state machine has one', () => {
    const groups = ofType(templates[stage], 'AWS::Logs::LogGroup').map(([, { Properties }]) => Properties);
    for (const group of groups) expect(group.RetentionInDays, group.LogGroupName).toBeGreaterThanOrEqual(30);
    const functions = ofType(templates[stage], 'AWS::Lambda::Function').map(
      ([, each]) => `/aws/lambda/${each.Properties.FunctionName}`,
    );
    const machines = ofType(templates[stage], 'AWS::StepFunctions::StateMachine').map(
      ([, each]) => `/aws/vendedlogs/states/${each.Properties.StateMachineName}`,
    );
    expect(groups.map(({ LogGroupName }) => LogGroupName).sort()).toEqual([...functions, ...machines].sort());
  });

  it('the bus keeps an archive', () => {
    expect(ofType(templates[stage], 'AWS::Events::Archive').map(([, { Properties }]) => Properties)).toEqual([
      { ArchiveName: `sluice-${stage}`, SourceArn: '<Bus.Arn>', RetentionDays: 400 },
    ]);
  });

  it('every name that is the same in all of AWS has the account in it', () => {
    const names = ['DataBucket', 'ArtifactsBucket'].map((id) => templates[stage].resources[id]?.Properties.BucketName);
    expect(names).toEqual([`sluice-${stage}-data-${accounts[stage]}`, `sluice-${stage}-artifacts-${accounts[stage]}`]);
  });
});
