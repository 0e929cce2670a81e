/** Points the test listener at this deployment. See ecsEnableTestListener.txt. */
Map call(Map args = [:]) {
    return ecsBg('enable-test-listener', args)
}
