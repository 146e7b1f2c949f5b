/** All that meshplan runs of ajv; the build makes one file of it (`scripts/bundle.mjs`). */
export { Ajv } from 'ajv';
