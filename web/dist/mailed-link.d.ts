/** The link of a mail: the code stands in its fragment, which no server gets. */
/** What the code of a link does: the kind of its mail. */
export type LinkKind = "reset" | "verify" | "registration" | "change_address" | "address_changed" | "invitation";
/** What a link of a mail carries. */
export interface Link {
    kind: LinkKind;
    /** The code. */
    token: string;
}
/**
 * Takes the code out of the address of a page that a link of a mail has opened, so that it stays neither in the address bar nor
 * in the history. Returns `null` if the address has none. Call it before anything else may read or send the address, and again
 * on `hashchange`: a link may be opened where the page is open already.
 */
export declare function readLink(location?: {
    href: string;
    hash: string;
}): Link | null;
