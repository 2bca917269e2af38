/** What the page is about to say. */
export type SignInState = 'signed out' | 'signed in' | 'refused' | 'not asked for';

const SAYINGS: Record<SignInState, string> = {
  'signed out':
    'Sign in, and the Web UI of Temporal shows what is encrypted for the next 12 hours.',
  'signed in':
    'You are signed in. In the Web UI open the codec settings, give the address of this server as endpoint, switch "Include cross-origin credentials" on, and load the page again.',
  refused: 'That is not the token.',
  'not asked for': 'This server asks nobody to sign in: it answers this machine alone.',
};

const FORM = `<form method="post" action="sign-in">
<label>Token <input name="token" type="password" autocomplete="current-password" required autofocus></label>
<button>Sign in</button>
</form>`;
const SIGN_OUT = `<form method="post" action="sign-out"><button>Sign out</button></form>`;

/** Without a script, and without anything that somebody sent. */
export function signInPage(state: SignInState): string {
  const form = { 'signed out': FORM, refused: FORM, 'signed in': SIGN_OUT, 'not asked for': '' };
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Codec server</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:34em;margin:4em auto;padding:0 1em}input{width:100%;font:inherit;margin:.3em 0 1em}button{font:inherit}</style>
</head><body><h1>Codec server</h1><p>${SAYINGS[state]}</p>${form[state]}</body></html>
`;
}
