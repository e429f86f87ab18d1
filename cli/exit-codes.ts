/** What the exit status of `sluice` says. Printed by `sluice --help` and in the README. */
export const exitCodes = {
  ok: 0,
  /** It was done, and the answer is no: the run failed, a gate held, an audit event is lost, a request was refused by its content. */
  failed: 1,
  /** The command line, or a file that it names, is wrong. Nothing was sent. */
  usage: 2,
  /** The environment could not be reached: no runtime, no profile, no network, expired credentials. */
  unreachable: 3,
  /** There is no such run, promotion, model or deployment. */
  notFound: 4,
  /** This identity may not do that. */
  denied: 5,
  /** Ended by Ctrl-C, as shells count it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export const exitCodesHelp = `Exit status:
  0  done
  1  done, and the answer is no: a run failed, a gate held, an audit event is lost
  2  the command line, or a file that it names, is wrong; nothing was sent
  3  the environment cannot be reached (no runtime, no profile, expired credentials)
  4  there is no such run, promotion, model or deployment
  5  this identity may not do that
  130  ended by Ctrl-C`;
