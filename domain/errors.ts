/**
 * The errors a step throws, by kind. `name` is a literal and reaches the state machine's `ErrorEquals` unchanged; a test
 * ties the two together. A verdict (a dataset that breaks its contract, a gate that holds) is no error: it is returned.
 */

/** The input is wrong and stays wrong: caught, never retried. */
export abstract class TerminalError extends Error {
  abstract override readonly name: string;
}

/** May pass by itself: retried with backoff and jitter. */
export abstract class TransientError extends Error {
  abstract override readonly name: string;
}

/** What was sent to a function does not fit its contract. */
export class InputInvalid extends TerminalError {
  override readonly name = 'InputInvalid';
}

/** No recipe for the model in this environment, or the named one is not here. */
export class RecipeMissing extends TerminalError {
  override readonly name = 'RecipeMissing';
}

/** The model definition of a recipe cannot be read. */
export class RecipeInvalid extends TerminalError {
  override readonly name = 'RecipeInvalid';
}

/** Nothing to train on: no data of the model has arrived in this environment. */
export class DatasetMissing extends TerminalError {
  override readonly name = 'DatasetMissing';
}

/** An object (or the version of it that was pinned) is not in its bucket any more. */
export class ObjectMissing extends TerminalError {
  override readonly name = 'ObjectMissing';
}

/** Bytes are not those that were digested: what was tested is not what is here. */
export class DigestMismatch extends TerminalError {
  override readonly name = 'DigestMismatch';
}

/** The trainer could not make a model of this dataset with this recipe. */
export class TrainingFailed extends TerminalError {
  override readonly name = 'TrainingFailed';
}

/** The registry has no such model version. */
export class ModelVersionMissing extends TerminalError {
  override readonly name = 'ModelVersionMissing';
}

/** The registry has no such promotion, or it is not in the state that the step needs. */
export class PromotionMissing extends TerminalError {
  override readonly name = 'PromotionMissing';
}

/** A candidate came to its gates without the evidence they are about. */
export class EvidenceMissing extends TerminalError {
  override readonly name = 'EvidenceMissing';
}

/** The champion was replaced while the challenger was under test: it was judged against a version that no longer serves. */
export class ChampionMoved extends TerminalError {
  override readonly name = 'ChampionMoved';
}

/** A named person said no to the candidate. */
export class ApprovalRefused extends TerminalError {
  override readonly name = 'ApprovalRefused';
}

/** Another promotion of the same model is on its canary. */
export class CanaryBusy extends TransientError {
  override readonly name = 'CanaryBusy';
}

/** The registry is throttled or did not answer. */
export class RegistryUnavailable extends TransientError {
  override readonly name = 'RegistryUnavailable';
}

/** Somebody else changed the item between the read and the write; reading again decides anew. */
export class RegistryConflict extends TransientError {
  override readonly name = 'RegistryConflict';
}

/** The object store is throttled or did not answer. */
export class StorageUnavailable extends TransientError {
  override readonly name = 'StorageUnavailable';
}

/** The deployed endpoint is throttled or did not answer. */
export class EndpointUnavailable extends TransientError {
  override readonly name = 'EndpointUnavailable';
}

/** The workflow service is throttled or did not answer. */
export class WorkflowUnavailable extends TransientError {
  override readonly name = 'WorkflowUnavailable';
}

/** The key service is throttled or did not answer. */
export class SigningUnavailable extends TransientError {
  override readonly name = 'SigningUnavailable';
}

/** The bus took only some of the facts; the rest is sent again. */
export class FactsNotDelivered extends TransientError {
  override readonly name = 'FactsNotDelivered';
}

/** The bytes of a package are not a model that this environment serves. */
export class ArtifactInvalid extends TerminalError {
  override readonly name = 'ArtifactInvalid';
}
