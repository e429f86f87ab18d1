/**
 * Where a policy may say `Resource: '*'` or name all keys of an account, and why there is no other way. A test fails for a use that is
 * not listed, and for an entry that is not used.
 */
export const wildcardResources: Readonly<Record<string, string>> = {
  'EncryptionKey/OwnAccountAdministers': "in a key's own policy, * is that key: its ARN is not known before it is made",
  'EncryptionKey/OwnAccountUsesItWhereIamAllows': "in a key's own policy, * is that key",
  'EncryptionKey/RulesPutDeadLetters': "in a key's own policy, * is that key",
  'EncryptionKey/NextEnvironmentReadsOutbound': "in a key's own policy, * is that key",
  'SigningKey/OwnAccountAdministers': "in a key's own policy, * is that key",
  'SigningKey/OwnAccountUsesItWhereIamAllows': "in a key's own policy, * is that key",
  'SigningKey/NextEnvironmentVerifies': "in a key's own policy, * is that key",
  'RelayOutboxRole/ListStreams':
    'dynamodb:ListStreams has no resource type, and Lambda calls it to set up the stream mapping',
  'EngineerRole/ListLogs':
    'logs:DescribeLogGroups is asked for all groups of the account, whatever prefix the request names',
  'TrainModelMachineRole/DeliverExecutionLogs':
    'the log delivery actions that Step Functions uses have no resource type',
  'PromoteModelMachineRole/DeliverExecutionLogs':
    'the log delivery actions that Step Functions uses have no resource type',
  'VerifyCandidateRole/VerifyWithKeyOfPredecessor':
    "the id of another account's key is not known here; the condition on the alias of the request narrows it to one",
  'TestSecurityRole/VerifyWithKeyOfPredecessor':
    "the id of another account's key is not known here; the condition on the alias of the request narrows it to one",
  'MoveArtifactRole/DecryptOutboundOfPredecessor':
    "the id of another account's key is not known here; that key's policy names this role and S3 as the only way",
};
