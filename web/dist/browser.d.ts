import type { FullPlatform, Platform } from "./platform.js";
/** Returns the platform of this runtime, with what is given in place of its own. */
export declare function platformOf(given?: Partial<Platform>): FullPlatform;
