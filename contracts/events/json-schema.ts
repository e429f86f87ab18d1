import { toJsonSchema } from '@valibot/to-json-schema';
import { detailSchema, events } from './catalogue.ts';

/** `Dataset Accepted` → `dataset-accepted`: the name of the event's files. */
export const eventFileName = (type: string): string => type.toLowerCase().replaceAll(' ', '-');

/** The JSON Schema (draft-07) of each event's `detail`, by the file it is kept in. Development only: the library is no run-time dependency. */
export const eventSchemaFiles = (): Record<string, object> =>
  Object.fromEntries(
    events.map(({ type, version }) => [
      `contracts/events/${eventFileName(type)}.schema.json`,
      {
        title: `${type}, version ${version}`,
        description: `The detail of an EventBridge event with source "sluice" and detail-type "${type}".`,
        ...toJsonSchema(detailSchema(type), { errorMode: 'ignore' }),
      },
    ]),
  );
