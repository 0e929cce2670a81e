/** Moves all live traffic to this deployment and the test listener to the previous one. See ecsSwapLive.txt. */
Map call(Map args = [:]) {
    return ecsBg('swap-live', args)
}
