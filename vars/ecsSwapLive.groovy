/** Moves all live traffic to this deployment and the test listener to the previous one. See ecsSwapLive.txt. */
Map call(Object... given) {
    return ecsBg('swap-live', ecsBg.named('ecsSwapLive', given))
}
