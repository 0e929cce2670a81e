/** What runs, which colour is live, the weights, the task sets and their health. Changes nothing; needs cluster, service and region. See ecsStatus.txt. */
Map call(Object... given) {
    // of all deployments, unless one is named: the build's own is no default here
    return ecsBg('status', [deploymentId: null] + ecsBg.named('ecsStatus', given))
}
