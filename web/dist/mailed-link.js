/** The link of a mail: the code is in its fragment, which no server gets. */
const CODE = /^#(reset|verify|registration|change_address|address_changed|invitation)=(.+)$/;
/**
 * Removes the code from the address of a page that was opened by a mailed link, so that it stays neither in the address bar nor
 * in the history. Returns `null` if the address has none. Call it before anything else may read or send the address, and again
 * on `hashchange`: a link may be opened in a page that is already open. On a server there is none.
 */
export function readLink(location = globalThis.location) {
    const [, kind, token] = CODE.exec(location?.hash) ?? [];
    if (!kind || !token)
        return null;
    const { history } = globalThis;
    history.replaceState(history.state, "", location.href.replace(/#.*/, ""));
    return { kind: kind, token };
}
