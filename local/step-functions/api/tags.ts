import { AwsError } from '../../aws-error.ts';
import type { Operations } from '../../service.ts';
import type { Activities } from './activities.ts';
import { list, readInput, required, text } from './input.ts';
import { arn, tags } from './shapes.ts';
import type { StateMachines } from './state-machines.ts';
import { mergeTags } from './tag-list.ts';

const LIST = { resourceArn: required(arn) };
const TAG = { resourceArn: required(arn), tags: required(tags) };
const UNTAG = { resourceArn: required(arn), tagKeys: required(list(text({ least: 1, most: 128 }))) };

/** State machines and activities have tags; versions, aliases and executions have none. */
export function tagOperations(machines: StateMachines, activities: Activities): Operations {
  const ownerOf = (resourceArn: string): Pick<StateMachines, 'tagsOf' | 'setTags'> => {
    if (!/^arn:[^:]*:states:/.test(resourceArn))
      throw new AwsError('InvalidArn', `Invalid Arn: 'Invalid ARN prefix: ${resourceArn}'`);
    for (const owner of [machines, activities]) if (owner.tagsOf(resourceArn)) return owner;
    throw new AwsError('ResourceNotFound', `Resource not found: '${resourceArn}'`, 400, { resourceName: resourceArn });
  };
  return {
    ListTagsForResource(input) {
      const { resourceArn } = readInput('ListTagsForResource', LIST, input);
      return { tags: ownerOf(resourceArn).tagsOf(resourceArn) };
    },
    TagResource(input) {
      const given = readInput('TagResource', TAG, input);
      const owner = ownerOf(given.resourceArn);
      owner.setTags(given.resourceArn, mergeTags(owner.tagsOf(given.resourceArn)!, given.tags));
      return {};
    },
    UntagResource(input) {
      const given = readInput('UntagResource', UNTAG, input);
      const owner = ownerOf(given.resourceArn);
      const kept = owner.tagsOf(given.resourceArn)!.filter(({ key }) => !given.tagKeys.includes(key));
      owner.setTags(given.resourceArn, kept);
      return {};
    },
  };
}
