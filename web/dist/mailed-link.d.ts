/** The link of a mail: the code is in its fragment, which no server gets. */
/** The effect of a link's code: the kind of its mail. */
export type LinkKind = "reset" | "verify" | "registration" | "change_address" | "address_changed" | "invitation";
/** The content of a mailed link. */
export interface Link {
    kind: LinkKind;
    /** The code. */
    token: string;
}
/**
 * Removes the code from the address of a page that was opened by a mailed link, so that it stays neither in the address bar nor
 * in the history. Returns `null` if the address has none. Call it before anything else may read or send the address, and again
 * on `hashchange`: a link may be opened in a page that is already open. On a server there is none.
 */
export declare function readLink(location?: {
    href: string;
    hash: string;
} | undefined): Link | null;
