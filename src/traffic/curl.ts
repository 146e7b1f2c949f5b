/** One answer, or why there is none, as curl tells it. */
export interface CurlResult {
  /** HTTP status; 0 where no answer came. */
  status: number;
  /** curl's own exit code for this request; 0 where an answer came, whatever its status. */
  exitCode: number;
  /** Seconds from the start of the request to its last byte. */
  seconds: number;
  /** curl's words on a failure. */
  error: string;
  body: string;
}

/** Seconds until one request is given up. */
export const REQUEST_LIMIT_S = 5;

const MARK = '@meshplan';
/** curl 7.75 and newer; `exitcode` and `errormsg` are those of this one request. */
const WRITE_OUT = `\\n${MARK} %{http_code} %{exitcode} %{time_total} %{errormsg}\\n`;
const RESULT = new RegExp(`\\n?${MARK} (\\d+) (\\d+) ([\\d.]+) ?(.*)\\n`, 'g');

/** URLs with curl's ranges, e.g. `http://server/hostname?n=[1-10]`, are asked one after the other. */
export function curlCommand(urls: string[], headers: Record<string, string> = {}): string[] {
  const asked = Object.entries(headers).flatMap(([name, value]) => ['-H', `${name}: ${value}`]);
  return ['curl', '-s', '--max-time', String(REQUEST_LIMIT_S), '-w', WRITE_OUT, ...asked, ...urls];
}

/** What `curlCommand` wrote, one result for each request. */
export function parseCurl(stdout: string): CurlResult[] {
  let end = 0;
  return [...stdout.matchAll(RESULT)].map((match) => {
    const [whole, status = '0', exitCode = '0', seconds = '0', error = ''] = match;
    const body = stdout.slice(end, match.index);
    end = match.index + whole.length;
    return {
      status: Number(status),
      exitCode: Number(exitCode),
      seconds: Number(seconds),
      error: error.trim(),
      body: body.trim(),
    };
  });
}
