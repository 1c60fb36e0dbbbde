/** Ends a run with its totals in one plain line. */
export default class TotalsReporter {
  onRunComplete(_contexts, results) {
    const suites = results.numRuntimeErrorTestSuites;
    const failed = results.numFailedTests + suites;
    const skipped = results.numPendingTests ? `, ${results.numPendingTests} skipped` : '';
    console.log(`${results.numPassedTests} passed, ${failed} failed${skipped}`);
  }
}
