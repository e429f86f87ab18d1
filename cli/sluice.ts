#!/usr/bin/env node
import { processCli } from './process-cli.ts';
import { runProgram } from './program.ts';

const { cli, exitCode } = processCli(process);
process.exitCode = (await runProgram(cli, process.argv.slice(2))) || exitCode();
