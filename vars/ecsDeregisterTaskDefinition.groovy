/** Makes a task definition INACTIVE, unless something uses it still. See ecsDeregisterTaskDefinition.txt. */
Map call(Map args = [:]) {
    return ecsBg('deregister-task-definition', args)
}
