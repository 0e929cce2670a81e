/** Makes this deployment, which has the live traffic, the service's PRIMARY. See ecsSetPrimary.txt. */
Map call(Object... given) {
    return ecsBg('set-primary', ecsBg.named('ecsSetPrimary', given))
}
