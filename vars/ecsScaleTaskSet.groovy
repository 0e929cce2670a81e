/** Scales this deployment's task set, in percent of the service's desired count. See ecsScaleTaskSet.txt. */
Map call(Object... given) {
    return ecsBg('scale-task-set', ecsBg.named('ecsScaleTaskSet', given))
}
