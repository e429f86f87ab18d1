import { parseArn } from '../arn.ts';
import type { ResourceHandler } from '../deploy/resource.ts';
import type { JsonObject } from '../service.ts';
import { type AliasSettings, checkAliasName, readAdditionalVersion } from './aliases.ts';
import type { Functions } from './functions.ts';

/** `AWS::Lambda::Version`. */
export const versionResource = (functions: Functions): ResourceHandler => ({
  type: 'AWS::Lambda::Version',
  properties: ['CodeSha256', 'Description', 'FunctionName'],
  async put({ properties, logicalId, previous }) {
    const { name } = functions.reference(String(properties.FunctionName));
    const current = functions.require(name);
    if (properties.CodeSha256 !== undefined && properties.CodeSha256 !== current.codeSha256) {
      throw new Error(
        `AWS::Lambda::Version ${logicalId}: the code of ${name} is not ${String(properties.CodeSha256)}.`,
      );
    }
    // A version never changes: the resource that was deployed before keeps the number that it got.
    const kept = previous && parseArn(previous.physicalId)?.resource.split(':')[2];
    const { version } =
      kept !== undefined
        ? functions.require(name, kept)
        : functions.publish(name, properties.Description as string | undefined);
    const arn = functions.arnOf(name, version);
    return { physicalId: arn, attributes: { Version: version, FunctionArn: arn } };
  },
  async delete() {
    // The function's deletion takes its versions along; until then somebody may still invoke one.
  },
});

/** `AWS::Lambda::Alias`. */
export const aliasResource = (functions: Functions): ResourceHandler => ({
  type: 'AWS::Lambda::Alias',
  properties: ['Description', 'FunctionName', 'FunctionVersion', 'Name', 'RoutingConfig'],
  async put({ properties, previous }) {
    const { name: functionName } = functions.reference(String(properties.FunctionName));
    const name = String(properties.Name);
    checkAliasName(name);
    const settings = readTemplateSettings(properties);
    for (const version of versionsOf(settings)) functions.require(functionName, version);
    functions.aliases.put(functionName, name, settings);
    const arn = functions.arnOf(functionName, name);
    if (previous && previous.physicalId !== arn) deleteAlias(functions, previous.physicalId);
    return { physicalId: arn, attributes: { AliasArn: arn } };
  },
  async delete(physicalId) {
    deleteAlias(functions, physicalId);
  },
});

/** The versions that an alias needs to be there. */
export const versionsOf = ({ version, additional }: AliasSettings): readonly string[] =>
  additional ? [version, additional.version] : [version];

/** A template has the weights as a list, the API as an object. */
function readTemplateSettings(properties: JsonObject): AliasSettings {
  const version = String(properties.FunctionVersion);
  const { AdditionalVersionWeights: list = [] } = (properties.RoutingConfig ?? {}) as {
    AdditionalVersionWeights?: readonly { FunctionVersion: string; FunctionWeight: unknown }[];
  };
  const weights = Object.fromEntries(
    list.map(({ FunctionVersion, FunctionWeight }) => [String(FunctionVersion), Number(FunctionWeight)]),
  );
  return {
    version,
    description: String(properties.Description ?? ''),
    ...readAdditionalVersion(version, weights),
  };
}

function deleteAlias(functions: Functions, aliasArn: string): void {
  const { name, qualifier } = functions.reference(aliasArn);
  functions.aliases.delete(name, qualifier);
}
