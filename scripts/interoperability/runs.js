/** The runs, by name: each algorithm over plain HTTP and through a TLS front. */
export const algorithms = ["ES256", "EdDSA", "RS256"];
export const runsOf = (algorithm) => [algorithm, `${algorithm} TLS`];
