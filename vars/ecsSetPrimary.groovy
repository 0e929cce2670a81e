/** Makes this deployment, which has the live traffic, the service's PRIMARY. See ecsSetPrimary.txt. */
Map call(Map args = [:]) {
    return ecsBg('set-primary', args)
}
