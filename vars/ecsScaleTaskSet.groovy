/** Scales this deployment's task set, in percent of the service's desired count. See ecsScaleTaskSet.txt. */
Map call(Map args = [:]) {
    return ecsBg('scale-task-set', args)
}
