package ecsbg.demo;

/** What is deployed: its number, its commit, and the colour where it should come to be live; null: it should fail. */
record Deployment(int number, String commit, String colour) {
    boolean good() {
        return colour != null;
    }

    /** What Jenkins calls the build, and so the deployment's id. */
    String id() {
        return "jenkins-shop-web-" + number;
    }

    String title() {
        String what = !good() ? "tasks that never become healthy" : colour.equals("green") ? "blue → green" : "green → blue";
        return "Deployment " + number + ": " + what;
    }
}
