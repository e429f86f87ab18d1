import { accountOf, callOperation, callRest, hasOperation, type RoutingContext } from './call-routing.ts';
import { authorize } from './iam/authorize.ts';
import type { Principal, Services } from './service.ts';
import { machineQuestion } from './step-functions/api/permitted.ts';

/** What the services of all accounts ask of each other, each call taken to the account that its ARN names. */
export function servicesBetween(context: RoutingContext): Services {
  const callAs = (principal: Principal, accountId: string) => ({
    principal,
    accountId,
    region: context.region,
    requestId: context.ids.uuid(),
    access: context.access,
  });
  return {
    async invokeLambda(functionArn, payload, principal, clientContext) {
      return accountOf(context, functionArn).lambda.invoke(functionArn, payload, principal, clientContext);
    },
    expectLambda(functionArn) {
      accountOf(context, functionArn).lambda.expect(functionArn);
    },
    async queueLambda(functionArn, payload, principal) {
      await accountOf(context, functionArn).lambda.queue(functionArn, payload, principal);
    },
    async startExecution(stateMachineArn, input, principal, name) {
      const { account, stepFunctions } = accountOf(context, stateMachineArn);
      // A state machine has no policy of its own, so another account or a service without a role is never let in.
      authorize({
        call: callAs(principal, account.accountId),
        action: 'states:StartExecution',
        ...machineQuestion(stateMachineArn),
      });
      return stepFunctions.startExecution(stateMachineArn, input, name);
    },
    async sendMessage(queueArn, body, attributes, principal) {
      const { account, sqs } = accountOf(context, queueArn);
      sqs.deliver(queueArn, body, attributes, callAs(principal, account.accountId));
    },
    putEvent: (busArn, event, principal) => accountOf(context, busArn).eventBridge.putEvent(busArn, event, principal),
    emitServiceEvent(accountId, event) {
      const account = context.accounts.get(accountId);
      if (!account) throw new Error(`No account ${accountId} to emit ${event.source} ${event.detailType} in.`);
      account.eventBridge.emitServiceEvent(event);
    },
    callOperation: (service, operation, input, principal) =>
      callOperation(context, service, operation, input, { principal, requestId: context.ids.uuid() }),
    hasOperation: (service, operation) => hasOperation(context, service, operation),
    callRest: (service, request, principal) =>
      callRest(context, service, request, { principal, requestId: context.ids.uuid() }),
  };
}
