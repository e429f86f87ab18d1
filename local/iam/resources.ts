import { createHash } from 'node:crypto';
import { AwsError, notImplemented } from '../aws-error.ts';
import type { ResourceHandler, ResourceRequest } from '../deploy/resource.ts';
import type { AccountContext } from '../service.ts';
import { readPolicyDocument } from './policy-document.ts';
import type { RolePolicy, Roles } from './roles.ts';

export const iamResources = (ctx: AccountContext, roles: Roles): readonly ResourceHandler[] => [
  roleResource(roles),
  policyResource(roles),
  managedPolicyResource(ctx, roles),
];

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html */
function roleResource(roles: Roles): ResourceHandler {
  return {
    type: 'AWS::IAM::Role',
    properties: [
      'AssumeRolePolicyDocument',
      'Description',
      'ManagedPolicyArns',
      'MaxSessionDuration',
      'Path',
      'PermissionsBoundary',
      'Policies',
      'RoleName',
      'Tags',
    ],
    put: async (request) => {
      const { properties, logicalId } = request;
      const where = `AWS::IAM::Role ${logicalId}`;
      const name = nameOf(request, properties.RoleName, 64);
      const role = roles.put({
        name,
        path: pathOf(properties.Path, where),
        trustPolicy: readPolicyDocument(properties.AssumeRolePolicyDocument, `${where}, AssumeRolePolicyDocument`),
        maxSessionDurationSeconds: Number(properties.MaxSessionDuration ?? 3600),
        inlinePolicies: inlinePolicies(properties.Policies, where),
        managedPolicyArns: customerManaged(properties.ManagedPolicyArns, `${where}, ManagedPolicyArns`),
        properties: {
          Description: properties.Description,
          PermissionsBoundary: properties.PermissionsBoundary,
          Tags: properties.Tags,
        },
      });
      return { physicalId: name, attributes: { Arn: role.arn, RoleId: role.roleId } };
    },
    delete: async (physicalId) => roles.delete(physicalId),
  };
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html */
function policyResource(roles: Roles): ResourceHandler {
  return {
    type: 'AWS::IAM::Policy',
    properties: ['PolicyDocument', 'PolicyName', 'Roles'],
    put: async (request) => {
      const { properties, logicalId } = request;
      const where = `AWS::IAM::Policy ${logicalId}`;
      const name = requiredName(properties.PolicyName, `${where}, PolicyName`);
      // The owner, not the name, tells two stacks' policies of one name apart.
      const physicalId = request.previous?.physicalId ?? generatedName(request, 128);
      const document = readPolicyDocument(properties.PolicyDocument, where);
      roles.putPolicyOf(physicalId, { name, document }, texts(properties.Roles, `${where}, Roles`));
      return { physicalId, attributes: { Id: physicalId } };
    },
    delete: async (physicalId) => roles.deletePolicyOf(physicalId),
  };
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html */
function managedPolicyResource(ctx: AccountContext, roles: Roles): ResourceHandler {
  return {
    type: 'AWS::IAM::ManagedPolicy',
    properties: ['Description', 'ManagedPolicyName', 'Path', 'PolicyDocument', 'Roles'],
    put: async (request) => {
      const { properties, logicalId, previous } = request;
      const where = `AWS::IAM::ManagedPolicy ${logicalId}`;
      const previousName = previous && nameOfArn(previous.physicalId);
      const name = nameOf(request, properties.ManagedPolicyName, 128, previousName);
      const arn = `arn:aws:iam::${ctx.accountId}:policy${pathOf(properties.Path, where)}${name}`;
      const document = readPolicyDocument(properties.PolicyDocument, where);
      roles.putManagedPolicy(arn, document, texts(properties.Roles, `${where}, Roles`));
      return { physicalId: arn, attributes: { PolicyArn: arn } };
    },
    delete: async (physicalId) => roles.deleteManagedPolicy(physicalId),
  };
}

function inlinePolicies(value: unknown, where: string): readonly RolePolicy[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw invalid(`${where}: Policies must be a list.`);
  return value.map((entry: Record<string, unknown>, index) => {
    const place = `${where}, Policies[${index}]`;
    return {
      name: requiredName(entry.PolicyName, `${place}.PolicyName`),
      document: readPolicyDocument(entry.PolicyDocument, place),
    };
  });
}

/** AWS's own policies are not here: a role that counted on one would be denied what it is to do. */
function customerManaged(value: unknown, where: string): readonly string[] {
  const arns = texts(value, where);
  const ofAws = arns.find((arn) => arn.startsWith('arn:aws:iam::aws:'));
  if (ofAws !== undefined) throw notImplemented(`A policy that AWS manages (${ofAws}, ${where})`);
  return arns;
}

function texts(value: unknown, where: string): readonly string[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value;
  throw invalid(`${where} must be a list of strings.`);
}

function requiredName(value: unknown, where: string): string {
  if (typeof value === 'string' && /^[\w+=,.@-]{1,128}$/.test(value)) return value;
  throw invalid(`${where} must be 1 to 128 characters of letters, digits and _+=,.@-; it is ${JSON.stringify(value)}.`);
}

function pathOf(value: unknown, where: string): string {
  if (value === undefined) return '/';
  if (typeof value === 'string' && /^\/([\x21-\x7e]+\/)?$/.test(value)) return value;
  throw invalid(`${where}: Path must begin and end with a slash; it is ${JSON.stringify(value)}.`);
}

function nameOf(
  request: ResourceRequest,
  given: unknown,
  longest: number,
  previousName = request.previous?.physicalId,
): string {
  if (given === undefined) return previousName ?? generatedName(request, longest);
  const name = requiredName(given, `${request.logicalId}, its name`);
  if (name.length > longest)
    throw invalid(`${request.logicalId}: the name ${name} is longer than ${longest} characters.`);
  return name;
}

/** Stack, logical id and a mark, as CloudFormation names things; the same each time, so a repeated deployment finds its own. */
function generatedName({ stackName, logicalId }: ResourceRequest, longest: number): string {
  const mark = createHash('sha256').update(`${stackName}/${logicalId}`).digest('hex').slice(0, 12).toUpperCase();
  const stem = `${stackName}-${logicalId}`;
  return `${stem.slice(0, longest - mark.length - 1)}-${mark}`;
}

const nameOfArn = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

const invalid = (message: string): AwsError => new AwsError('ValidationError', message);
