import { notImplemented } from '../aws-error.ts';

/** What stands for a container image here: a program of this machine. */
export interface TrainingImage {
  /** The program and its first arguments; `train` (or the job's ContainerArguments) comes after them, as after `docker run IMAGE`. */
  readonly command: readonly [string, ...string[]];
  /** Where it is started; by default the job's own folder. */
  readonly directory?: string;
}

/** Image URI, as jobs give it (`local://trainer`, `….dkr.ecr.….amazonaws.com/trainer:1`) → the program. */
export type TrainingImages = Readonly<Record<string, TrainingImage>>;

/** Throws NotImplemented for an image that nothing here stands for: images are not pulled. */
export function imageOf(images: TrainingImages, uri: string): TrainingImage {
  const image = Object.hasOwn(images, uri) ? images[uri] : undefined;
  if (image) return image;
  const known = Object.keys(images);
  throw notImplemented(
    `The training image ${uri} (the runtime's option trainingImages gives a program for ${known.length > 0 ? known.join(', ') : 'none'})`,
  );
}
