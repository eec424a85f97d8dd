// @ts-check
/** The addresses of the page: `/login` if nobody is signed in, `/` otherwise. */

const ADDRESSES = ["/", "/login"];

/** @param {boolean} isSignedIn */
export function showAddress(isSignedIn) {
  document.title = isSignedIn ? "Ratchet" : "Sign in · Ratchet";
  const path = isSignedIn ? "/" : "/login";
  // Elsewhere than at `cargo run` the page may have another address, which stays.
  if (location.pathname === path || !ADDRESSES.includes(location.pathname)) return;
  history.replaceState(history.state, "", path + location.search + location.hash);
}
