import type { TaskReport, TaskRequest } from '../engine/task-caller.ts';
import type { Integration } from './integration.ts';
import { sdkFailure } from './sdk-error.ts';
import { callSdkAction } from './sdk-services.ts';
import { taskPrincipal } from './task-principal.ts';

/** `aws-sdk:SERVICE:action`, with or without `.waitForTaskToken`. */
export async function callSdk(request: TaskRequest, report: TaskReport, integration: Integration): Promise<void> {
  const { resource } = request;
  if (resource.kind !== 'Task') return;
  const { services, ids } = integration;
  const name = resource.resourceType.slice('aws-sdk:'.length);
  try {
    const result = await callSdkAction(services, name, resource.action, request.input, taskPrincipal(request));
    if (request.token !== undefined) report.submitted(result);
    else report.succeeded(result);
  } catch (error) {
    report.failed(sdkFailure(name, resource.action, error, ids.uuid()));
  }
}
