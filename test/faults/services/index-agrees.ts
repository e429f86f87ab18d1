import { type AttributeValue, paginateQuery, paginateScan } from '@aws-sdk/client-dynamodb';
import { groups } from './item-writer.ts';
import type { Load, LoadContext } from './load.ts';
import { GROUP_INDEX, TABLE } from './stack.ts';

/** Afterwards: whatever the table has in a group, the index has, and nothing else. */
export function indexAgrees({ dynamoDb: client, tell }: LoadContext): Load {
  const shown = (items: readonly Record<string, AttributeValue>[]) =>
    items.map((item) => `${item.pk?.S} ${item.version?.N}`);

  return {
    async run() {},
    async check() {
      const inTable = new Map<string, Record<string, AttributeValue>[]>(groups.map((group) => [group, []]));
      for await (const { Items = [] } of paginateScan({ client }, { TableName: TABLE }))
        for (const item of Items) inTable.get(item.group?.S ?? '')?.push(item);
      for (const [group, items] of inTable) {
        const inIndex: Record<string, AttributeValue>[] = [];
        const query = {
          TableName: TABLE,
          IndexName: GROUP_INDEX,
          KeyConditionExpression: '#group = :group',
          ExpressionAttributeNames: { '#group': 'group' },
          ExpressionAttributeValues: { ':group': { S: group } },
        };
        for await (const { Items = [] } of paginateQuery({ client }, query)) inIndex.push(...Items);
        const [wanted, found] = [shown(items).sort().join(', '), shown(inIndex).sort().join(', ')];
        if (found !== wanted) tell(`the index has in ${group} ${found || 'nothing'}, the table ${wanted || 'nothing'}`);
      }
    },
  };
}
