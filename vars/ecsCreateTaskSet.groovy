/** Creates this deployment's task set in the idle target group, without traffic. See ecsCreateTaskSet.txt. */
Map call(Map args = [:]) {
    return ecsBg('create-task-set', args)
}
