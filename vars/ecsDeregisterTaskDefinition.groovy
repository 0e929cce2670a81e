/** Makes a task definition INACTIVE, unless something uses it still. See ecsDeregisterTaskDefinition.txt. */
Map call(Object... given) {
    return ecsBg('deregister-task-definition', ecsBg.named('ecsDeregisterTaskDefinition', given))
}
