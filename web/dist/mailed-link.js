/** The link of a mail: the code stands in its fragment, which no server gets. */
const CODE = /^#(reset|verify|registration|change_address|address_changed|invitation)=(.+)$/;
/**
 * Takes the code out of the address of a page that a link of a mail has opened, so that it stays neither in the address bar nor
 * in the history. Returns `null` if the address has none. Call it before anything else may read or send the address, and again
 * on `hashchange`: a link may be opened where the page is open already.
 */
export function readLink(location = globalThis.location) {
    const [, kind, token] = CODE.exec(location.hash) ?? [];
    if (!kind || !token)
        return null;
    const { history } = globalThis;
    history.replaceState(history.state, "", location.href.replace(/#.*/, ""));
    return { kind: kind, token };
}
