export declare const STAMP: string;
export declare function hashOfSources(root: string): string;
export declare function runsBuild(root: string): boolean;
