/**
 * Stands in for zod's modules of JSON Schema in the bundles: every schema carries a way to them that no function goes, and the API
 * description is written at build time. Builders of zod's schemas that are not named here are undefined, and never called.
 */
const nothing = (): undefined => undefined;

export {
  nothing as allProcessors,
  nothing as createStandardJSONSchemaMethod,
  nothing as createToJSONSchemaMethod,
  nothing as extractDefs,
  nothing as finalize,
  nothing as initializeContext,
  nothing as processSchema,
  nothing as toJSONSchema,
};
