import type { FullPlatform, Platform } from "./platform.js";
/** Returns the platform of this runtime, with replacements for some of its parts. */
export declare function platformOf(given?: Partial<Platform>): FullPlatform;
