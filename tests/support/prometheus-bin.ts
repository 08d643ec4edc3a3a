const variables = { prometheus: 'PROMETHEUS_BIN', promtool: 'PROMTOOL_BIN' } as const;

/** Where the set-up found a program of Prometheus; on PATH otherwise. */
export const prometheusBin = (program: keyof typeof variables): string => process.env[variables[program]] ?? program;
