/** Pushes the image to ECR, unless its repository has that tag already. See ecsPushImage.txt. */
Map call(Map args = [:]) {
    return ecsBg.image('push-image', args)
}
