import { OrganizationsClient } from '@aws-sdk/client-organizations';

/**
 * The real client for JavaScript, which tries a call again as often and with such pauses as the SDK of
 * the program that is re-done does. What may be tried again, the client decides: what was throttled,
 * answers of 500 to 504, and connections that broke.
 * @param attempts of each call, with the first
 * @param pauseMs before the n-th repetition, counted from 1
 * @param alsoRetry tells errors that are tried again besides
 */
export function clientThatRetries({ attempts, pauseMs, alsoRetry = () => false }) {
  const token = (repetition) => ({
    getRetryCount: () => repetition,
    getRetryDelay: () => (repetition === 0 ? 0 : pauseMs(repetition)),
    getRetryCost: () => undefined,
  });
  const retryStrategy = {
    acquireInitialRetryToken: async () => token(0),
    refreshRetryTokenForRetry: async (last, { error, errorType }) => {
      const repetition = last.getRetryCount() + 1;
      const mayRetry = errorType !== 'CLIENT_ERROR' || alsoRetry(error);
      if (!mayRetry || repetition >= attempts) throw error ?? new Error('no more attempts');
      return token(repetition);
    },
    recordSuccess: () => undefined,
  };
  return new OrganizationsClient({ retryStrategy });
}
