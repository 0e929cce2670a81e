/** Judges a version that has live traffic, by alarms, errors, latency and its state; fails where a gate does. See ecsCheckGates.txt. */
Map call(Object... given) {
    return ecsBg('check-gates', ecsBg.named('ecsCheckGates', given))
}
