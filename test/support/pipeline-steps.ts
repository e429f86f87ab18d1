import * as promote from '../../contracts/steps/promote-model-steps.ts';
import * as train from '../../contracts/steps/train-model-steps.ts';
import { authorizePromotion } from '../../functions/authorize-promotion/step.ts';
import { completePromotion } from '../../functions/complete-promotion/step.ts';
import { deployCanary } from '../../functions/deploy-canary/step.ts';
import { evaluateModel } from '../../functions/evaluate-model/step.ts';
import { judgeGates } from '../../functions/judge-gates/step.ts';
import { moveArtifact } from '../../functions/move-artifact/step.ts';
import { observeCanary } from '../../functions/observe-canary/step.ts';
import { packageModel } from '../../functions/package-model/step.ts';
import { reconcileAudit } from '../../functions/reconcile-audit/step.ts';
import { registerModel } from '../../functions/register-model/step.ts';
import { rejectPromotion } from '../../functions/reject-promotion/step.ts';
import { rejectTraining } from '../../functions/reject-training/step.ts';
import { requestPromotion } from '../../functions/request-promotion/step.ts';
import { rollbackDeployment } from '../../functions/rollback-deployment/step.ts';
import { snapshotDataset } from '../../functions/snapshot-dataset/step.ts';
import { testIntegration } from '../../functions/test-integration/step.ts';
import { testPerformance } from '../../functions/test-performance/step.ts';
import { testSecurity } from '../../functions/test-security/step.ts';
import { trainModel } from '../../functions/train-model/step.ts';
import { validateDataset } from '../../functions/validate-dataset/step.ts';
import { verifyCandidate } from '../../functions/verify-candidate/step.ts';
import type { World } from './world.ts';

type Deps = World['deps'] & { readonly endpoint: World['endpoint'] };

/** Every step of both state machines with its contract, by the name of its function. */
export const stepsOf = (deps: Deps) =>
  ({
    'snapshot-dataset': { contract: train.snapshotDatasetContract, run: snapshotDataset(deps) },
    'validate-dataset': { contract: train.validateDatasetContract, run: validateDataset(deps) },
    'train-model': { contract: train.trainModelContract, run: trainModel(deps) },
    'evaluate-model': { contract: train.evaluateModelContract, run: evaluateModel(deps) },
    'package-model': { contract: train.packageModelContract, run: packageModel(deps) },
    'register-model': { contract: train.registerModelContract, run: registerModel(deps) },
    'reject-training': { contract: train.rejectTrainingContract, run: rejectTraining() },
    'reconcile-audit': { contract: train.reconcileAuditContract, run: reconcileAudit(deps) },
    'verify-candidate': { contract: promote.verifyCandidateContract, run: verifyCandidate(deps) },
    'authorize-promotion': { contract: promote.authorizePromotionContract, run: authorizePromotion(deps) },
    'move-artifact': { contract: promote.moveArtifactContract, run: moveArtifact(deps) },
    'test-integration': { contract: promote.testContract, run: testIntegration(deps) },
    'test-performance': { contract: promote.testContract, run: testPerformance(deps) },
    'test-security': { contract: promote.testContract, run: testSecurity(deps) },
    'judge-gates': { contract: promote.judgeGatesContract, run: judgeGates(deps) },
    'deploy-canary': { contract: promote.deployCanaryContract, run: deployCanary(deps) },
    'observe-canary': { contract: promote.observeCanaryContract, run: observeCanary(deps) },
    'complete-promotion': { contract: promote.completePromotionContract, run: completePromotion(deps) },
    'request-promotion': { contract: promote.requestPromotionContract, run: requestPromotion(deps) },
    'reject-promotion': { contract: promote.rejectPromotionContract, run: rejectPromotion(deps) },
    'rollback-deployment': { contract: promote.rollbackDeploymentContract, run: rollbackDeployment(deps) },
  }) as const;

export type Steps = ReturnType<typeof stepsOf>;
export type StepName = keyof Steps;
