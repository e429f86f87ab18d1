/** Where the stack of a runtime that is killed is. */
export const ACCOUNT = '111111111111';
export const REGION = 'eu-west-1';
