import { type ApiError, MALFORMED } from '../errors/index.js';

/** The server's words where the object itself is wrong, wherever it goes; undefined for any other answer. */
export function faultOf({ status, message, cluster, causes }: ApiError): string | undefined {
  const words = message.replace(`${cluster}: `, '');
  if (status === 500 && MALFORMED.test(words)) return inOneLine(words.replace(MALFORMED, ''));
  if (status !== 400 && status !== 422) return undefined;
  const fields = causes.filter(({ field }) => field);
  return fields.length > 0 ? fields.map((cause) => `${cause.field}: ${cause.message}`).join('; ') : words;
}

/** Several faults come as `errors:` and a line for each. */
const inOneLine = (words: string) =>
  words
    .replace(/^errors:\n/, '')
    .split('\n')
    .map((line) => line.trim().replace(/^\./, ''))
    .join('; ');

/** Whether a webhook or a policy said it, which judge by more than the object. */
export const isAdmissionAnswer = ({ message }: ApiError): boolean =>
  /admission webhook|ValidatingAdmissionPolicy/.test(message);

/** A webhook that does not answer: nothing is known of the object. */
export const isWebhookFailure = ({ status, message }: ApiError): boolean =>
  status >= 500 && message.includes('failed calling webhook');
