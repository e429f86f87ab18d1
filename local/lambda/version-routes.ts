import { requiredText, shown, structureOf } from '../operation-input.ts';
import type { JsonObject } from '../service.ts';
import { type Alias, type AliasSettings, checkAliasName, readAdditionalVersion } from './aliases.ts';
import { describeFunction } from './describe.ts';
import type { Functions } from './functions.ts';
import {
  checkRevision,
  clientError,
  json,
  NO_CONTENT,
  notFound,
  pageOf,
  permitted,
  type Route,
  readMembers,
} from './route.ts';
import { versionsOf } from './version-resources.ts';

const FUNCTION = '/2015-03-31/functions/([^/]+)';
const VERSIONS = new RegExp(`^${FUNCTION}/versions$`);
const ALIASES = new RegExp(`^${FUNCTION}/aliases$`);
const ALIAS = new RegExp(`^${FUNCTION}/aliases/([^/]+)$`);
const ALIAS_MEMBERS = ['Description', 'FunctionVersion', 'RoutingConfig'];

/** The operations on published versions and on aliases. */
export function versionRoutes(functions: Functions): readonly Route[] {
  const { aliases } = functions;
  const requireAlias = (functionName: string, name: string): Alias => {
    const alias = aliases.find(functionName, name);
    if (alias) return alias;
    throw notFound(`Cannot find alias arn: ${functions.arnOf(functionName, name)}`);
  };
  const describe = (alias: Alias): JsonObject => describeAlias(alias, functions);
  const requireVersions = (functionName: string, settings: AliasSettings): void => {
    for (const version of versionsOf(settings)) functions.require(functionName, version);
  };

  return [
    {
      method: 'POST',
      path: VERSIONS,
      async answer(request, call, name = '') {
        const { name: functionName } = permitted(functions, 'PublishVersion', request, call, name);
        const { CodeSha256, Description, RevisionId } = await readMembers(request, [
          'CodeSha256',
          'Description',
          'RevisionId',
        ]);
        const current = functions.require(functionName);
        if (CodeSha256 !== undefined && CodeSha256 !== current.codeSha256) {
          throw clientError(
            'InvalidParameterValueException',
            `CodeSHA256 (${shown(CodeSha256)}) is different from current CodeSHA256 in $LATEST (${current.codeSha256}). Please try again with the CodeSHA256 in $LATEST.`,
          );
        }
        checkRevision(RevisionId, current.revisionId);
        return json(describeFunction(functions.publish(functionName, Description as string | undefined)), 201);
      },
    },
    {
      method: 'GET',
      path: VERSIONS,
      answer(request, call, name = '') {
        const { name: functionName } = permitted(functions, 'ListVersionsByFunction', request, call, name);
        const { items, next } = pageOf(functions.versions(functionName), request);
        // Each by its whole name, unlike GetFunction.
        const described = items.map((one) => describeFunction(one, `${one.arn}:${one.version}`));
        return json({ Versions: described, ...next });
      },
    },
    {
      method: 'POST',
      path: ALIASES,
      async answer(request, call, name = '') {
        const { name: functionName } = permitted(functions, 'CreateAlias', request, call, name);
        const members = await readMembers(request, ['Name', ...ALIAS_MEMBERS]);
        const aliasName = requiredText(members, 'Name');
        checkAliasName(aliasName);
        const settings = readAliasSettings(members, {
          version: requiredText(members, 'FunctionVersion'),
          description: '',
        });
        requireVersions(functionName, settings);
        if (aliases.find(functionName, aliasName)) {
          const arn = functions.arnOf(functionName, aliasName);
          throw clientError('ResourceConflictException', `Alias already exists: ${arn}`, 409);
        }
        return json(describe(aliases.put(functionName, aliasName, settings)), 201);
      },
    },
    {
      method: 'GET',
      path: ALIASES,
      answer(request, call, name = '') {
        const { name: functionName } = permitted(functions, 'ListAliases', request, call, name);
        const version = request.query.get('FunctionVersion');
        const wanted = aliases
          .list(functionName)
          .filter((alias) => version === null || versionsOf(alias).includes(version));
        const { items, next } = pageOf(wanted, request);
        return json({ Aliases: items.map(describe), ...next });
      },
    },
    {
      method: 'GET',
      path: ALIAS,
      answer(request, call, name = '', aliasName = '') {
        const { name: functionName } = permitted(functions, 'GetAlias', request, call, name);
        return json(describe(requireAlias(functionName, aliasName)));
      },
    },
    {
      method: 'PUT',
      path: ALIAS,
      async answer(request, call, name = '', aliasName = '') {
        const { name: functionName } = permitted(functions, 'UpdateAlias', request, call, name);
        const members = await readMembers(request, ['RevisionId', ...ALIAS_MEMBERS]);
        const before = requireAlias(functionName, aliasName);
        checkRevision(members.RevisionId, before.revisionId);
        const settings = readAliasSettings(members, before);
        requireVersions(functionName, settings);
        return json(describe(aliases.put(functionName, aliasName, settings)));
      },
    },
    {
      method: 'DELETE',
      path: ALIAS,
      answer(request, call, name = '', aliasName = '') {
        const { name: functionName } = permitted(functions, 'DeleteAlias', request, call, name);
        aliases.delete(functionName, aliasName);
        return NO_CONTENT;
      },
    },
  ];
}

const textOrNothing = (members: JsonObject): string =>
  members.Description === '' ? '' : requiredText(members, 'Description');

/** What is not given stays as it was. */
function readAliasSettings(members: JsonObject, before: AliasSettings): AliasSettings {
  const version = members.FunctionVersion === undefined ? before.version : requiredText(members, 'FunctionVersion');
  const { AdditionalVersionWeights } = structureOf(members.RoutingConfig ?? {}, 'RoutingConfig');
  const kept = before.additional ? { [before.additional.version]: before.additional.weight } : {};
  const weights =
    members.RoutingConfig === undefined
      ? kept
      : structureOf(AdditionalVersionWeights ?? {}, 'AdditionalVersionWeights');
  return {
    version,
    description: members.Description === undefined ? before.description : textOrNothing(members),
    ...readAdditionalVersion(version, weights),
  };
}

const describeAlias = (alias: Alias, functions: Functions): JsonObject => ({
  AliasArn: functions.arnOf(alias.functionName, alias.name),
  Name: alias.name,
  FunctionVersion: alias.version,
  Description: alias.description,
  ...(alias.additional
    ? { RoutingConfig: { AdditionalVersionWeights: { [alias.additional.version]: alias.additional.weight } } }
    : {}),
  RevisionId: alias.revisionId,
});
