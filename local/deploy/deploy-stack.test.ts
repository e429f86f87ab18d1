// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is the syntax of Fn::Sub
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../service.ts';
import { Store } from '../store/store.ts';
import { deployStack, stackOutputs } from './deploy-stack.ts';
import type { ResourceHandler } from './resource.ts';
import { TEMPLATE_FILE } from './template.ts';

/** Two services as a template sees them: a box has a name and data, a lid closes one box. Their state outlives a deployment. */
class Shelf {
  readonly boxes = new Map<string, { properties: JsonObject; data: string[]; code?: string }>();
  readonly calls: string[] = [];
  failAt: string | undefined;

  readonly handlers: readonly ResourceHandler[] = [
    {
      type: 'Test::Shelf::Box',
      properties: ['Name', 'Size', 'Code', 'Labels'],
      put: async ({ logicalId, properties, artifact }) => {
        this.#call('put', logicalId);
        const name = String(properties.Name);
        const code = (properties.Code as { S3Key: string } | undefined)?.S3Key;
        const data = this.boxes.get(name)?.data ?? [];
        this.boxes.set(name, { properties, data, ...(code ? { code: Buffer.from(artifact(code)).toString() } : {}) });
        return { physicalId: name, attributes: { Arn: `arn:box:${name}` } };
      },
      delete: async (physicalId) => {
        this.#call('delete', physicalId);
        this.boxes.delete(physicalId);
      },
    },
    {
      type: 'Test::Shelf::Lid',
      properties: ['Box'],
      put: async ({ logicalId, properties }) => {
        this.#call('put', logicalId);
        return { physicalId: `lid-of-${String(properties.Box)}`, attributes: {} };
      },
      delete: async (physicalId) => this.#call('delete', physicalId),
    },
  ];

  #call(action: string, id: string): void {
    if (this.failAt === id) throw new Error('the shelf is full');
    this.calls.push(`${action} ${id}`);
  }
}

let directory: string;
let store: Store;
let shelf: Shelf;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'deploy-stack-'));
  store = new Store(':memory:');
  shelf = new Shelf();
});
afterEach(() => {
  store.close();
  rmSync(directory, { recursive: true });
});

const deploy = (template: JsonObject, parameters?: Record<string, string>) => {
  writeFileSync(join(directory, TEMPLATE_FILE), JSON.stringify(template));
  return deployStack({
    stackName: 'test',
    templateDirectory: directory,
    accountId: '111111111111',
    region: 'eu-west-1',
    handlers: shelf.handlers,
    store,
    ...(parameters ? { parameters } : {}),
  });
};
const box = (Name: unknown, more: JsonObject = {}, members: JsonObject = {}) => ({
  Type: 'Test::Shelf::Box',
  Properties: { Name, ...more },
  ...members,
});
const lid = (Box: unknown, members: JsonObject = {}) => ({ Type: 'Test::Shelf::Lid', Properties: { Box }, ...members });
const actions = (changes: readonly { logicalId: string; action: string }[]) =>
  changes.map(({ logicalId, action }) => `${action} ${logicalId}`);

describe('the first deployment', () => {
  it('makes each resource after what it depends on, and gives the outputs', async () => {
    const { changes, outputs } = await deploy({
      Resources: {
        Top: lid({ 'Fn::GetAtt': ['Chest', 'Arn'] }),
        Chest: box({ 'Fn::Sub': 'chest-${AWS::AccountId}-${Small}' }, {}, { DependsOn: 'Last' }),
        Small: box('small'),
        Last: box('last'),
      },
      Outputs: { ChestArn: { Value: { 'Fn::GetAtt': 'Chest.Arn' } }, Stack: { Value: { Ref: 'AWS::StackName' } } },
    });
    expect(actions(changes)).toEqual(['created Small', 'created Last', 'created Chest', 'created Top']);
    expect(outputs).toEqual({ ChestArn: 'arn:box:chest-111111111111-small', Stack: 'test' });
    expect(stackOutputs(store, 'test')).toEqual(outputs);
    expect(stackOutputs(store, 'another')).toBeUndefined();
  });

  it('leaves out what its condition leaves out, and what only the branch not taken refers to', async () => {
    const template = {
      Parameters: { Next: { Type: 'String', Default: '' } },
      Conditions: { HasNext: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'Next' }, ''] }] } },
      Resources: {
        Own: box('own', { Labels: ['a', { 'Fn::If': ['HasNext', { Ref: 'Other' }, { Ref: 'AWS::NoValue' }] }] }),
        Other: box('other', {}, { Condition: 'HasNext' }),
      },
      Outputs: { OtherName: { Value: { Ref: 'Other' }, Condition: 'HasNext' } },
    };
    const alone = await deploy(template);
    expect(actions(alone.changes)).toEqual(['created Own']);
    expect(alone.outputs).toEqual({});
    expect(shelf.boxes.get('own')?.properties.Labels).toEqual(['a']);

    const withNext = await deploy(template, { Next: 'acc' });
    expect(actions(withNext.changes)).toEqual(['created Other', 'updated Own']);
    expect(shelf.boxes.get('own')?.properties.Labels).toEqual(['a', 'other']);
  });

  it('names everything that it cannot do before it makes anything', async () => {
    const refusal = deploy({
      Transform: 'AWS::Serverless-2016-10-31',
      Resources: { Fine: box('fine') },
    });
    await expect(refusal).rejects.toMatchObject({ problems: ['section Transform is not done here'] });

    const problems = await deploy({
      Resources: {
        Fine: box('fine'),
        Odd: { Type: 'Test::Shelf::Drawer', Properties: {} },
        Wrong: box('wrong', { Colour: 'red', Size: { 'Fn::ImportValue': 'size' } }),
        Lost: lid({ Ref: 'Nowhere' }, { DependsOn: ['Neither'] }),
        Here: lid({ Ref: 'There' }),
        There: lid({ Ref: 'Here' }),
        Waiting: lid({ Ref: 'There' }),
        Coded: box('coded', { Code: { S3Bucket: 'b', S3Key: 'a/b/missing.zip' } }),
      },
      Outputs: { Out: { Value: { Ref: 'Nothing' } } },
    }).then(
      () => [],
      (error: { problems: string[] }) => error.problems,
    );
    expect(problems).toEqual([
      'Test::Shelf::Drawer is not done here: Odd',
      'Wrong: property Colour of Test::Shelf::Box is not done here',
      'Wrong: Fn::ImportValue is not done here',
      'Lost: refers to Nowhere',
      'Lost: DependsOn names Neither, which does not exist',
      'Coded: the artifact missing.zip is not in the package',
      'output Out: refers to Nothing',
      'circular dependency between Here, There',
    ]);
    expect(shelf.calls).toEqual([]);
  });
});

describe('a deployment over another', () => {
  it('does nothing when nothing changed', async () => {
    const template = { Resources: { A: box('a', { Size: 1 }), L: lid({ Ref: 'A' }) } };
    await deploy(template);
    shelf.calls.length = 0;
    const { changes } = await deploy(template);
    expect(changes).toEqual([]);
    expect(shelf.calls).toEqual([]);
  });

  it('changes in place, keeps the data, and touches only what changed', async () => {
    await deploy({ Resources: { A: box('a', { Size: 1 }), B: box('b') } });
    shelf.boxes.get('a')?.data.push('kept');
    const { changes } = await deploy({ Resources: { A: box('a', { Size: 2 }), B: box('b') } });
    expect(actions(changes)).toEqual(['updated A']);
    expect(shelf.boxes.get('a')).toMatchObject({ properties: { Size: 2 }, data: ['kept'] });
  });

  it('replaces what becomes another thing: its dependents first, then the old one goes', async () => {
    await deploy({ Resources: { A: box('old'), L: lid({ Ref: 'A' }) } });
    shelf.calls.length = 0;
    const { changes } = await deploy({ Resources: { A: box('new'), L: lid({ Ref: 'A' }) } });
    expect(actions(changes)).toEqual(['replaced A', 'replaced L']);
    expect(shelf.calls).toEqual(['put A', 'put L', 'delete old', 'delete lid-of-old']);
  });

  it('keeps what it replaces when UpdateReplacePolicy says so', async () => {
    await deploy({ Resources: { A: box('old', {}, { UpdateReplacePolicy: 'Retain' }) } });
    await deploy({ Resources: { A: box('new', {}, { UpdateReplacePolicy: 'Retain' }) } });
    expect([...shelf.boxes.keys()]).toEqual(['old', 'new']);
  });

  it('deletes what left the template, last made first, and keeps what is to be retained', async () => {
    await deploy({
      Resources: {
        Stay: box('stay'),
        A: box('a'),
        L: lid({ Ref: 'A' }),
        Keep: box('keep', {}, { DeletionPolicy: 'Retain' }),
      },
    });
    shelf.calls.length = 0;
    const { changes } = await deploy({ Resources: { Stay: box('stay') } });
    expect(actions(changes).sort()).toEqual(['deleted A', 'deleted L', 'retained Keep']);
    expect(shelf.calls).toEqual(['delete lid-of-a', 'delete a']);
    expect([...shelf.boxes.keys()]).toEqual(['stay', 'keep']);
  });

  it('sees new code behind the same template, and no change in a new key for the same code', async () => {
    const template = (key: string) => ({ Resources: { F: box('f', { Code: { S3Bucket: 'b', S3Key: key } }) } });
    writeFileSync(join(directory, 'f.zip'), 'one');
    await deploy(template('2026-01-01/f.zip'));
    expect((await deploy(template('2026-02-02/f.zip'))).changes).toEqual([]);
    writeFileSync(join(directory, 'f.zip'), 'two');
    expect(actions((await deploy(template('2026-02-02/f.zip'))).changes)).toEqual(['updated F']);
    expect(shelf.boxes.get('f')?.code).toBe('two');
  });

  it('refuses to turn a resource into another type', async () => {
    await deploy({ Resources: { A: box('a') } });
    await expect(deploy({ Resources: { A: lid('a') } })).rejects.toThrow(
      'Test::Shelf::Box cannot become Test::Shelf::Lid',
    );
  });
});

describe('a deployment that was cut off', () => {
  it('goes on where it stopped', async () => {
    const template = { Resources: { A: box('a'), B: box('b'), L: lid({ Ref: 'B' }) } };
    shelf.failAt = 'B';
    await expect(deploy(template)).rejects.toThrow('B could not be made: the shelf is full');
    expect(shelf.calls).toEqual(['put A']);

    shelf.failAt = undefined;
    const { changes } = await deploy(template);
    expect(actions(changes)).toEqual(['created B', 'created L']);
  });

  it('still deletes what it had replaced', async () => {
    await deploy({ Resources: { A: box('old') } });
    shelf.failAt = 'old';
    await expect(deploy({ Resources: { A: box('new') } })).rejects.toThrow('A could not be deleted');
    shelf.failAt = undefined;
    await deploy({ Resources: { A: box('new') } });
    expect([...shelf.boxes.keys()]).toEqual(['new']);
  });

  it('does not need a type any more that left the runtime, unless something of it is to be deleted', async () => {
    await deploy({ Resources: { A: box('a'), L: lid({ Ref: 'A' }) } });
    const [boxHandler] = shelf.handlers;
    writeFileSync(join(directory, TEMPLATE_FILE), JSON.stringify({ Resources: { A: box('a') } }));
    const withoutLids = deployStack({
      stackName: 'test',
      templateDirectory: directory,
      accountId: '111111111111',
      region: 'eu-west-1',
      handlers: boxHandler ? [boxHandler] : [],
      store,
    });
    await expect(withoutLids).rejects.toThrow('L could not be deleted: Test::Shelf::Lid is not done here any more');
  });
});
