import { formatArn } from '../../arn.ts';
import type { ResourceHandler } from '../../deploy/resource.ts';
import type { AccountContext } from '../../service.ts';
import type { Functions } from '../functions.ts';
import { MAPPING_PROPERTIES, readMapping } from './mapping.ts';
import type { StreamMappings } from './stream-mappings.ts';

interface MappingResourceDeps {
  readonly ctx: AccountContext;
  readonly functions: Functions;
  readonly streamMappings: StreamMappings;
}

/** `AWS::Lambda::EventSourceMapping`. */
export const mappingResource = ({ ctx, functions, streamMappings }: MappingResourceDeps): ResourceHandler => ({
  type: 'AWS::Lambda::EventSourceMapping',
  properties: MAPPING_PROPERTIES,
  async put({ properties, logicalId, previous }) {
    const { name, qualifier } = functions.reference(String(properties.FunctionName));
    functions.require(name, qualifier);
    const settings = readMapping(`AWS::Lambda::EventSourceMapping ${logicalId}`, properties);
    const { uuid } = await streamMappings.put({ functionName: name, qualifier }, settings, previous?.physicalId);
    const arn = formatArn('lambda', ctx.region, ctx.accountId, `event-source-mapping:${uuid}`);
    return { physicalId: uuid, attributes: { Id: uuid, EventSourceMappingArn: arn } };
  },
  delete: (physicalId) => streamMappings.delete(physicalId),
});
