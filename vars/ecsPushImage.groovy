/** Pushes the image to ECR, unless its repository has that tag already. See ecsPushImage.txt. */
Map call(Object... given) {
    return ecsBg.image('push-image', ecsBg.named('ecsPushImage', given))
}
