package ecsbg.demo;

/** What is deployed: its number, its commit, the idle colour where it comes up, and how it should end. */
record Deployment(int number, String commit, String colour, End end) {
    /** How a deployment should end. */
    enum End {
        PROMOTED("blue → green, all at once"),
        STOPPED("a canary whose version fails 20 % of its requests"),
        NEVER_HEALTHY("tasks that never become healthy");

        private final String title;

        End(String title) {
            this.title = title;
        }
    }

    /** What Jenkins calls the build, and so the deployment's id. */
    String id() {
        return "jenkins-shop-web-" + number;
    }

    String title() {
        return "Deployment " + number + ": " + end.title;
    }
}
