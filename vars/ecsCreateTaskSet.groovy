/** Creates this deployment's task set in the idle target group, without traffic. See ecsCreateTaskSet.txt. */
Map call(Object... given) {
    return ecsBg('create-task-set', ecsBg.named('ecsCreateTaskSet', given))
}
