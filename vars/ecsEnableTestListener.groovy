/** Points the test listener at this deployment. See ecsEnableTestListener.txt. */
Map call(Object... given) {
    return ecsBg('enable-test-listener', ecsBg.named('ecsEnableTestListener', given))
}
