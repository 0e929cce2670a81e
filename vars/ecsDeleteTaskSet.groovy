/** Deletes a task set without traffic and waits until it is gone. See ecsDeleteTaskSet.txt. */
Map call(Map args = [:]) {
    return ecsBg('delete-task-set', args)
}
