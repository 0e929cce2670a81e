/** Deletes a task set without traffic and waits until it is gone. See ecsDeleteTaskSet.txt. */
Map call(Object... given) {
    return ecsBg('delete-task-set', ecsBg.named('ecsDeleteTaskSet', given))
}
